internal import Base
internal import CLibexpat

/// What is told of an XML document while it is read.
protocol XMLHandler: AnyObject {
  func start(_ name: String, _ attributes: [String: String])
  func end(_ name: String)
  func text(_ bytes: UnsafeBufferPointer<UInt8>)
}

/// Reads XML that nobody vouches for, by expat.
///
/// Nothing outside of the document is ever opened. A document that declares entities is refused: no test report has
/// any, and they are how a small document becomes a huge one. Depth is bounded, memory is the handler's.
enum XMLWalk {
  private static let deepest = 256
  private static let piece = 1 << 20

  /// Why a document was not read to its end.
  enum Fault: Error, Hashable {
    case refused(String)
    /// It stops being XML at this line.
    case malformed(line: Int, reason: String, isCharacter: Bool, isEnd: Bool)
  }

  @safe private final class State {
    let handler: any XMLHandler
    let parser: XML_Parser
    var depth = 0
    var refusal: String?

    init(_ handler: any XMLHandler, _ parser: XML_Parser) {
      self.handler = handler
      unsafe self.parser = unsafe parser
    }

    func refuse(_ reason: String) {
      guard refusal == nil else { return }
      refusal = reason
      _ = unsafe XML_StopParser(parser, XML_Bool(XML_FALSE))
    }
  }

  /// Tells the handler what the document holds, up to its end or to the first fault.
  static func walk(_ bytes: [UInt8], _ handler: any XMLHandler) throws(Fault) {
    guard let parser = unsafe XML_ParserCreate(nil) else { throw .refused("there is no memory for a parser") }
    defer { unsafe XML_ParserFree(parser) }
    let state = unsafe State(handler, parser)
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(state).toOpaque())
    unsafe install(on: parser)
    let status = unsafe feed(bytes, to: parser)
    // The state has to live as long as expat can call back.
    let refusal = withExtendedLifetime(state) { state.refusal }
    if let refusal { throw .refused(refusal) }
    guard status == XML_STATUS_OK else {
      let code = unsafe XML_GetErrorCode(parser)
      let reason = unsafe XML_ErrorString(code).map { unsafe String(cString: $0) } ?? "unknown"
      let isCharacter =
        code == XML_ERROR_INVALID_TOKEN || code == XML_ERROR_BAD_CHAR_REF || code == XML_ERROR_PARTIAL_CHAR
        || code == XML_ERROR_INCORRECT_ENCODING
      throw .malformed(
        line: Int(unsafe XML_GetCurrentLineNumber(parser)), reason: reason, isCharacter: isCharacter,
        isEnd: code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN)
    }
  }

  private static func feed(_ bytes: [UInt8], to parser: XML_Parser) -> XML_Status {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      var offset = 0
      while true {
        let count = min(piece, buffer.count - offset)
        let isLast: Int32 = offset + count == buffer.count ? 1 : 0
        let status = unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
          unsafe XML_Parse(parser, characters.baseAddress.map { unsafe $0 + offset }, Int32(count), isLast)
        }
        if status != XML_STATUS_OK || isLast == 1 { return status }
        offset += count
      }
    }
  }

  private static func install(on parser: XML_Parser) {
    unsafe XML_SetElementHandler(
      parser,
      { data, name, attributes in
        guard let state = unsafe XMLWalk.state(data), let name = unsafe name else { return }
        state.depth += 1
        if state.depth > XMLWalk.deepest { return state.refuse("it is nested deeper than \(XMLWalk.deepest)") }
        var read: [String: String] = [:]
        var index = 0
        while let attributes = unsafe attributes, let key = unsafe attributes[index],
          let value = unsafe attributes[index + 1]
        {
          unsafe read[String(cString: key)] = unsafe String(cString: value)
          index += 2
        }
        state.handler.start(unsafe String(cString: name), read)
      },
      { data, name in
        guard let state = unsafe XMLWalk.state(data), let name = unsafe name else { return }
        state.depth -= 1
        state.handler.end(unsafe String(cString: name))
      })
    unsafe XML_SetCharacterDataHandler(parser) { data, text, count in
      guard let state = unsafe XMLWalk.state(data), let text = unsafe text, count > 0 else { return }
      unsafe text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { bytes in
        unsafe state.handler.text(UnsafeBufferPointer(start: bytes, count: Int(count)))
      }
    }
    unsafe XML_SetEntityDeclHandler(parser) { data, _, _, _, _, _, _, _, _ in
      unsafe XMLWalk.state(data)?.refuse("it declares entities")
    }
    unsafe XML_SetUnknownEncodingHandler(
      parser,
      { _, _, info in
        // Every byte is a character: names may look odd, but are the same each time.
        guard let info = unsafe info else { return 0 }
        unsafe withUnsafeMutableBytes(of: &info.pointee.map) { map in
          let values = unsafe map.bindMemory(to: Int32.self)
          for index in 0..<256 { unsafe values[index] = Int32(index) }
        }
        unsafe info.pointee.data = nil
        unsafe info.pointee.convert = nil
        unsafe info.pointee.release = nil
        return 1
      }, nil)
  }

  private static func state(_ data: UnsafeMutableRawPointer?) -> State? {
    guard let data = unsafe data else { return nil }
    return unsafe Unmanaged<State>.fromOpaque(data).takeUnretainedValue()
  }

  /// The document with a question mark for everything that no XML can hold: bytes that are no UTF-8, control
  /// characters, and references to those.
  static func cleaned(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x26, let end = endOfBadReference(bytes, at: index) {
        result.append(0x3f)
        index = end
      } else if byte < 0x80 {
        result.append(byte >= 0x20 || byte == 9 || byte == 10 || byte == 13 ? byte : 0x3f)
        index += 1
      } else if let (scalar, length) = DisplayText.scalar(in: bytes, at: index), scalar.value & 0xfffe != 0xfffe {
        result += bytes[index..<(index + length)]
        index += length
      } else {
        result.append(0x3f)
        index += 1
      }
    }
    return result
  }

  /// Behind a reference by number to a character that XML does not know; `nil` where there is none.
  private static func endOfBadReference(_ bytes: [UInt8], at start: Int) -> Int? {
    guard start + 2 < bytes.count, bytes[start + 1] == 0x23 else { return nil }
    guard let end = bytes[start..<min(bytes.count, start + 12)].firstIndex(of: 0x3b) else { return nil }
    var digits = String(decoding: bytes[(start + 2)..<end], as: UTF8.self)
    let isHexadecimal = digits.hasPrefix("x")
    if isHexadecimal { digits.removeFirst() }
    guard let value = UInt32(digits, radix: isHexadecimal ? 16 : 10), let scalar = Unicode.Scalar(value) else {
      return end + 1
    }
    let isAllowed =
      scalar.value >= 0x20 && scalar.value & 0xfffe != 0xfffe || [9, 10, 13].contains(scalar.value)
    return isAllowed ? nil : end + 1
  }
}
