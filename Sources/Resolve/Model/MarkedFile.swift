internal import Base
internal import Merging

/// A file in which every place that is left stands between conflict markers, for somebody who edits it.
struct MarkedFile: Sendable, Hashable {
  /// What the two sides are called in markers.
  struct Labels: Sendable, Hashable {
    var ours: String
    var theirs: String
  }

  /// One stretch of the file, in order.
  enum Piece: Sendable, Hashable {
    /// Lines that are decided.
    case fixed([UInt8])
    /// A place with the name of its question and its lines between markers.
    case place(Place)
  }

  /// A place between its markers.
  struct Place: Sendable, Hashable {
    var id: String
    /// Markers, sides and all.
    var block: [UInt8]
    /// What our side has there.
    var ours: [UInt8]
    /// The lines of its sides, which an answer is likely to be made of.
    var sides: Set<[UInt8]>
  }

  var pieces: [Piece]
  /// How many characters a marker has: more than any row of such characters at the start of a line of the file.
  let markerLength: Int

  /// - Parameters:
  ///   - merge: A merge in which places are left.
  ///   - content: The three files.
  ///   - names: The names of the places, in their order.
  ///   - labels: What the two sides are called.
  init(_ merge: FileMerge, content: ContentConflict, names: [String], labels: Labels) {
    let versions = [content.base, content.ours, content.theirs]
    markerLength = max(9, versions.map(Self.longestRow).max().map { $0 + 2 } ?? 9)
    let lineEnd = Self.lineEnd(of: content.ours)
    var pieces: [Piece] = []
    var fixed: [UInt8] = []
    var number = 0
    for region in merge.regions {
      switch region {
      case .merged(let bytes): fixed += bytes
      case .resolved(_, let resolution): fixed += resolution.lines
      case .conflict(let conflict):
        pieces.append(.fixed(fixed))
        fixed = []
        let id = names[number]
        number += 1
        let block = Self.block(conflict, id, labels, length: markerLength, lineEnd: lineEnd)
        let sides = [conflict.base, conflict.ours, conflict.theirs].flatMap { Self.lines($0).map(Array.init) }
        pieces.append(.place(Place(id: id, block: block, ours: conflict.ours, sides: Set(sides))))
      }
    }
    pieces.append(.fixed(fixed))
    self.pieces = pieces
  }

  /// The file, with every place that is left between its markers.
  var bytes: [UInt8] {
    pieces.flatMap { piece in
      switch piece {
      case .fixed(let bytes): bytes
      case .place(let place): place.block
      }
    }
  }

  /// The places that are left, in order.
  var places: [Place] {
    pieces.compactMap { if case .place(let place) = $0 { place } else { nil } }
  }

  /// The same file with some of its places decided.
  func deciding(_ answers: [String: [UInt8]]) -> MarkedFile {
    var copy = self
    copy.pieces = []
    var fixed: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .fixed(let bytes): fixed += bytes
      case .place(let place):
        if let answer = answers[place.id] {
          fixed += answer
        } else {
          copy.pieces += [.fixed(fixed), piece]
          fixed = []
        }
      }
    }
    copy.pieces.append(.fixed(fixed))
    return copy
  }

  // MARK: - Markers

  /// The longest row of one of the characters of markers at the start of a line.
  private static func longestRow(in bytes: [UInt8]) -> Int {
    var longest = 0
    var isStart = true
    var row = 0
    var character: UInt8 = 0
    for byte in bytes {
      if isStart {
        character = byte
        row = "<|=>".utf8.contains(byte) ? 1 : 0
      } else if row > 0, byte == character {
        row += 1
      } else {
        longest = max(longest, row)
        row = 0
      }
      isStart = byte == 0x0A
      if isStart {
        longest = max(longest, row)
        row = 0
      }
    }
    return max(longest, row)
  }

  /// What most lines of a file end with.
  static func lineEnd(of bytes: [UInt8]) -> [UInt8] {
    var (all, carriage) = (0, 0)
    for index in bytes.indices where bytes[index] == 0x0A {
      all += 1
      if index > 0, bytes[index - 1] == 0x0D { carriage += 1 }
    }
    return carriage * 2 > all ? [0x0D, 0x0A] : [0x0A]
  }

  private static func block(
    _ conflict: Conflict, _ id: String, _ labels: Labels, length: Int, lineEnd: [UInt8]
  ) -> [UInt8] {
    var block: [UInt8] = []
    func marker(_ character: Unicode.Scalar, _ label: String) {
      block += Array(repeating: UInt8(ascii: character), count: length)
      block += Array(" \(id)\(label)".utf8) + lineEnd
    }
    func lines(_ bytes: [UInt8]) {
      block += bytes
      if let last = bytes.last, last != 0x0A { block += lineEnd }
    }
    marker("<", " ours: \(labels.ours)")
    lines(conflict.ours)
    marker("|", " base")
    lines(conflict.base)
    marker("=", "")
    lines(conflict.theirs)
    marker(">", " theirs: \(labels.theirs)")
    return block
  }

  /// The lines of a text, each with its line feed.
  static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let table = LineTable(bytes)
    return (0..<table.count).map { table[$0] }
  }

  /// The name in a marker of this file; `nil` for any other line.
  func name(inMarker line: ArraySlice<UInt8>) -> String? {
    guard let first = line.first, "<|=>".utf8.contains(first) else { return nil }
    let row = line.prefix { $0 == first }.count
    guard row >= 7 else { return nil }
    let words = line.dropFirst(row).split { $0 == 0x20 || $0 == 0x0D || $0 == 0x0A }
    guard let word = words.first.map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
    return places.contains { $0.id == word } ? word : nil
  }
}
