/// A line as the tokens it has: runs of name bytes, and any other bytes that are not blank.
struct LineTokens {
  /// The line without its white space.
  let ink: [UInt8]
  /// The numbers of the tokens, in ascending order.
  let numbers: [UInt64]
  /// The numbers of those that are names.
  let names: [UInt64]
  /// The numbers of those that are names, or numbers of more than one digit.
  let words: [UInt64]

  init(_ line: HunkLine) {
    ink = Self.ink(of: line)
    var (tokens, names, words): ([UInt64], [UInt64], [UInt64]) = ([], [], [])
    let bytes = line.content
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let start = index
      index += 1
      if isNameByte(bytes[start]) {
        while index < bytes.endIndex, isNameByte(bytes[index]) { index += 1 }
      } else if isBlankByte(bytes[start]) {
        continue
      }
      let token = bytes[start..<index]
      let number = FileWords.number(of: token)
      tokens.append(number)
      if SideContrast.isName(token) { names.append(number) }
      if isNameByte(bytes[start]), token.count > 1 || !isDigitByte(bytes[start]) { words.append(number) }
    }
    numbers = tokens.sorted()
    self.names = names
    self.words = words
  }

  /// The lines of some bytes that are not blank.
  static func lines(_ bytes: [UInt8]) -> [LineTokens] {
    HunkLine.split(bytes).lazy.filter { !$0.isBlank }.map(LineTokens.init)
  }

  static func ink(of line: HunkLine) -> [UInt8] { line.content.filter { !isBlankByte($0) } }

  /// Whether two lines have at least this many of a hundred tokens in common.
  func isLike(_ other: LineTokens, from percent: Int) -> Bool {
    let all = numbers.count + other.numbers.count
    guard all > 0, 200 * min(numbers.count, other.numbers.count) >= percent * all else { return false }
    return 200 * common(with: other) >= percent * all
  }

  /// Whether the line may be another one changed: three quarters of their tokens are the same, or half of them and a
  /// name among these.
  func isChange(of other: LineTokens) -> Bool {
    if isLike(other, from: 75) { return true }
    let named = names.isEmpty || other.names.isEmpty || !Set(names).isDisjoint(with: other.names)
    return named && isLike(other, from: 50)
  }

  /// Whether another line has nearly all of the tokens of this one, and there are some that tell it from others.
  func isPart(of other: LineTokens) -> Bool {
    guard names.count > 1, 10 * other.numbers.count >= 8 * numbers.count else { return false }
    return 10 * common(with: other) >= 8 * numbers.count
  }

  private func common(with other: LineTokens) -> Int {
    var (one, two, common) = (0, 0, 0)
    while one < numbers.count, two < other.numbers.count {
      let (a, b) = (numbers[one], other.numbers[two])
      if a == b { common += 1 }
      if a <= b { one += 1 }
      if b <= a { two += 1 }
    }
    return common
  }
}

extension LineTokens {
  /// How many of a hundred tokens two stretches have in common.
  static func likeness(_ one: [LineTokens], _ other: [LineTokens]) -> Int {
    let (first, second) = (one.flatMap(\.numbers), other.flatMap(\.numbers))
    guard !first.isEmpty || !second.isEmpty else { return 100 }
    var counts: [UInt64: Int] = first.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var common = 0
    for number in second {
      guard let count = counts[number], count > 0 else { continue }
      counts[number] = count - 1
      common += 1
    }
    return 200 * common / (first.count + second.count)
  }
}

/// The lines of a file without their white space, as numbers that are equal where they are.
struct FileInks {
  /// How often each line is there.
  private(set) var counts: [UInt64: Int] = [:]
  /// Those that another file has not.
  private(set) var new: [LineTokens] = []

  /// How many new lines are kept; a file with more of them is another file.
  private static let mostNew = 60_000

  init(_ file: [UInt8], since old: FileInks? = nil) {
    for line in HunkLine.split(file) where !line.isBlank {
      let number = FileWords.number(of: line.content.lazy.filter { !isBlankByte($0) })
      counts[number, default: 0] += 1
      if let old, old.counts[number] == nil, new.count < Self.mostNew { new.append(LineTokens(line)) }
    }
  }
}
