package import FileSystem
internal import FoundationEssentials
internal import Glibc

/// What was found out about models, kept in a directory: one file a person can read for each provider and model.
package struct CapabilityStore: Sendable {
  private static let schema = "arborist.capabilities/2"
  private let directory: [UInt8]

  /// A store in this directory, which is made when the first record is kept.
  package init(directory: [UInt8]) {
    self.directory = directory
  }

  private struct Record: Codable {
    var schema: String
    var model: String
    var endpoint: String
    /// When it was found out, for a person.
    var found: String
    var capabilities: ModelCapabilities
  }

  /// What is kept about a model at an address; `nil` where nothing is, or nothing that this version can read.
  ///
  /// - Throws: ``FileError`` where there is a file that cannot be read.
  package func load(_ model: ModelName, at endpoint: ModelEndpoint) throws(FileError) -> ModelCapabilities? {
    let content: [UInt8]
    do {
      content = try File.read(path(model, endpoint), limit: 1 << 20)
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return nil }
      throw error
    }
    guard let record = try? JSONDecoder().decode(Record.self, from: Data(content)), record.schema == Self.schema,
      record.model == model.description, record.endpoint == endpoint.baseURL
    else { return nil }
    return record.capabilities
  }

  /// Keeps what is known; after a power cut there is the old record or the new one.
  ///
  /// - Parameters:
  ///   - capabilities: What is known.
  ///   - model: Of which model.
  ///   - endpoint: At which address.
  ///   - seconds: When it was found out, counted from the beginning of 1970.
  ///   - nonce: Makes the name of the temporary file, for several processes that do the same.
  /// - Throws: ``FileError`` where it cannot be written.
  package func save(
    _ capabilities: ModelCapabilities, of model: ModelName, at endpoint: ModelEndpoint, found seconds: Int64,
    nonce: UInt64
  ) throws(FileError) {
    let record = Record(
      schema: Self.schema, model: model.description, endpoint: endpoint.baseURL,
      found: Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601), capabilities: capabilities)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let path = path(model, endpoint)
    guard let data = try? encoder.encode(record) else { throw FileError("write", path, code: EINVAL) }
    do {
      try Directory.make(directory, mode: 0o700)
    } catch {
      if error.code != EEXIST { throw error }
    }
    try File.replace(
      path, with: Array(data) + [10], mode: 0o600, temporary: path + Array(".\(String(nonce, radix: 16)).tmp".utf8))
  }

  /// The model's name, as far as a file may bear it, and a number that tells equal ones apart.
  private func path(_ model: ModelName, _ endpoint: ModelEndpoint) -> [UInt8] {
    let plain = model.description.utf8.prefix(100).map { byte -> UInt8 in
      let isPlain = byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: ".") || byte == 0x2d
      return isPlain ? byte : UInt8(ascii: "-")
    }
    let mark = Fingerprint.hex(Array("\(model) \(endpoint.baseURL)".utf8)).prefix(8)
    return directory + Array("/".utf8) + plain + Array("-\(mark).json".utf8)
  }
}

/// A number for bytes that is the same on every machine and in every run; no protection against an adversary.
enum Fingerprint {
  /// 128 bits of FNV-1a over two bases, as 32 hexadecimal digits.
  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    var left: UInt64 = 0xcbf2_9ce4_8422_2325
    var right: UInt64 = 0x6c62_272e_07bb_0142
    for byte in bytes {
      left = (left ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
      right = (right ^ UInt64(byte) ^ (left >> 56)) &* 0x0000_0100_0000_01b3
    }
    func digits(_ value: UInt64) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
    return digits(left) + digits(right)
  }
}
