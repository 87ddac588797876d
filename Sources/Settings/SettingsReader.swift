internal import Base
internal import FileSystem
internal import Journal
package import Policy
internal import Work

extension ServerSettings {
  /// The settings in the file at this path.
  ///
  /// - Throws: ``ConfigurationError`` with everything that is wrong.
  package static func read(
    path: String, surroundings: SettingsSurroundings, for reading: SettingsReading
  ) throws(ConfigurationError) -> ServerSettings {
    try parts(path: path, surroundings: surroundings, for: reading).settings
  }

  static func parts(
    path: String, surroundings: SettingsSurroundings, for reading: SettingsReading
  ) throws(ConfigurationError) -> (settings: ServerSettings, tokens: [ForgeName: Secret]) {
    switch surroundings.file(path) {
    case .success(let file):
      return try parts(
        parsing: file.content, mode: file.mode, file: path, surroundings: surroundings, for: reading)
    case .failure(let error):
      throw ConfigurationError(first: .init(file: path, line: 1, column: 1, key: "", message: "\(error)"))
    }
  }

  /// The settings that these bytes describe; an empty file describes the defaults.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - mode: the file's permission bits.
  ///   - file: its path, for errors and for the paths in it, which count from its directory.
  ///   - surroundings: the variables and files that it refers to.
  ///   - reading: who reads it.
  /// - Throws: ``ConfigurationError`` with everything that is wrong.
  package init(
    parsing bytes: [UInt8], mode: UInt32 = 0o600, file: String, surroundings: SettingsSurroundings,
    for reading: SettingsReading
  ) throws(ConfigurationError) {
    self = try Self.parts(parsing: bytes, mode: mode, file: file, surroundings: surroundings, for: reading).settings
  }

  private static func parts(
    parsing bytes: [UInt8], mode: UInt32, file: String, surroundings: SettingsSurroundings,
    for reading: SettingsReading
  ) throws(ConfigurationError) -> (settings: ServerSettings, tokens: [ForgeName: Secret]) {
    var problems: [PlacedProblem] = []
    var reader = SettingsReader(file: file, mode: mode, surroundings: surroundings, reading: reading)
    var settings = ServerSettings()
    do {
      let root = try ConfigurationDocument.parse(bytes, problems: &problems)
      settings = reader.read(root)
      problems += reader.problems
    } catch {
      throw ConfigurationError(first: error.named(file))
    }
    if let error = ConfigurationError(problems.map { $0.named(file) }) { throw error }
    settings.warnings = reader.warnings
    settings.variables = reader.variables
    settings.secretFiles = reader.secretFiles
    return (settings, reader.tokens)
  }
}

/// Reads a tree into settings and gathers everything that is wrong with it.
///
/// No message repeats a value that may be a secret.
struct SettingsReader {
  var problems: [PlacedProblem] = []
  var warnings: [String] = []
  let file: String
  private let mode: UInt32
  let surroundings: SettingsSurroundings
  let reading: SettingsReading
  var variables = SecretVariables()
  /// The files that hold secrets, by their paths.
  var secretFiles: Set<String> = []
  /// What only the broker reads.
  fileprivate(set) var tokens: [ForgeName: Secret] = [:]
  /// The secrets that were read so far, with the keys that they stand under.
  private var known: [(secret: Secret, path: String)] = []
  var hasSecretsInside = false

  init(file: String, mode: UInt32, surroundings: SettingsSurroundings, reading: SettingsReading) {
    self.file = file
    self.mode = mode
    self.surroundings = surroundings
    self.reading = reading
  }

  /// A key's value, with the path of keys that leads to it.
  struct Field {
    var path: String
    /// Where a person has to look: the value, or the key where there is no value.
    var position: FilePosition
    var node: ConfigurationNode
    /// The last key of the path.
    var name: String
  }

  /// The keys of each section; the root's name is empty.
  static let keys: [String: [String]] = [
    "": ["listen", "database", "forges", "adminToken", "workers", "sweep", "lease", "keep", "sandbox"],
    "forges": ForgeName.allCases.map(\.rawValue),
    "forges.github": ["url", "webhookSecret", "app", "token", "longestRequest"],
    "forges.gitlab": ["url", "webhookSecret", "token", "longestRequest"],
    "forges.gitea": ["url", "webhookSecret", "token", "longestRequest"],
    "forges.github.app": ["id", "keyFile"],
    "sandbox": ["paths", "size"],
  ]

  /// What a cell has of its own, and is not shown from the machine.
  static let ownPlaces: Set<String> = ["proc", "sys", "dev", "tmp", "workspace", "home"]

  /// An admin token has at least so many bytes.
  static let shortestAdminToken = 16

  mutating func read(_ root: ConfigurationNode?) -> ServerSettings {
    var result = ServerSettings()
    if let root {
      let top = Field(path: "", position: root.position, node: root, name: "")
      forEachField(of: top, section: "") { reader, field in
        switch field.name {
        case "listen": result.listen = reader.listen(field) ?? result.listen
        case "database": if reader.reading != .broker { result.database = reader.database(field) }
        case "forges": result.forges = reader.forges(field)
        case "adminToken": result.adminToken = reader.adminToken(field)
        case "workers": result.workers = reader.count(field, 0...64, such: 2) ?? result.workers
        case "sweep": result.sweepSeconds = reader.count(field, 1...86_400, such: 300) ?? result.sweepSeconds
        case "lease": result.leaseSeconds = reader.count(field, 2...3_600, such: 60) ?? result.leaseSeconds
        case "keep": result.keep = reader.keep(field) ?? result.keep
        default: result.sandbox = reader.sandbox(field)
        }
      }
    }
    requireForge(in: root)
    if let place = surroundings.variable("ARBORIST_DATABASE"), !place.isEmpty {
      result.database = JournalLocation(place)
    }
    warn(about: result)
    return result
  }

  /// A service that can receive nothing does not start.
  private mutating func requireForge(in root: ConfigurationNode?) {
    guard reading == .server else { return }
    var place = FilePosition.start
    if let root {
      guard case .keys(let entries) = root.content else { return }
      if let section = entries.first(where: { $0.key == "forges" }) {
        // What is wrong inside of it is told by itself.
        guard case .keys(let forges) = section.value.content, forges.isEmpty else { return }
        place = section.position
      }
    }
    report(
      place, "forges",
      "no forge is configured, so nothing could be received; name one under 'forges', such as github, with its "
        + "'webhookSecret' and its 'token'")
  }

  private mutating func warn(about settings: ServerSettings) {
    guard reading == .server else { return }
    if hasSecretsInside, mode & 0o004 != 0 {
      warnings.append("'\(file)' holds secrets and everybody on this machine may read it: chmod o-r '\(file)'")
    }
    if settings.adminToken == nil {
      warnings.append("no 'adminToken' is set: the page can only be read from this machine, and has no buttons")
    }
    if !settings.listen.isLoopback {
      warnings.append(
        "'listen' is open to the network without TLS: put a server with TLS in front and listen on 127.0.0.1")
    }
  }

  // MARK: Values

  private mutating func listen(_ field: Field) -> ListenAddress? {
    guard let text = text(field) else { return nil }
    if let address = ListenAddress(text) { return address }
    report(
      field,
      "'\(ConfigurationValue.shown(text))' is not ADDRESS:PORT; write a numeric address, such as 127.0.0.1:8080")
    return nil
  }

  private mutating func database(_ field: Field) -> JournalLocation? {
    guard let secret = secret(field) else { return nil }
    let place = JournalLocation(secret.reveal())
    if case .file(let path) = place {
      if let end = path.firstRange(of: "://") {
        report(
          field,
          "'\(ConfigurationValue.shown(String(path[..<end.lowerBound])))' is no kind of database; "
            + "write postgres://… or a path")
        return nil
      }
      return .file(resolved(path))
    }
    return place
  }

  private mutating func count(_ field: Field, _ range: ClosedRange<Int>, such example: Int) -> Int? {
    guard let text = text(field) else { return nil }
    if let count = Int(text), range.contains(count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return count
    }
    report(
      field,
      "'\(ConfigurationValue.shown(text))' is no whole number from \(range.lowerBound) to \(range.upperBound); "
        + "write one such as \(example)")
    return nil
  }

  /// A number of days such as `30d`, or `all`.
  private mutating func keep(_ field: Field) -> KeepTime? {
    guard let text = text(field) else { return nil }
    if text == "all" { return .all }
    let digits = text.dropLast()
    if text.last == "d", (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let days = Int(digits), KeepTime.possibleDays.contains(days)
    {
      return .days(days)
    }
    let (least, most) = (KeepTime.possibleDays.lowerBound, KeepTime.possibleDays.upperBound)
    report(
      field,
      "'\(ConfigurationValue.shown(text))' is no number of days from \(least)d to \(most)d; write one such as 30d, or "
        + "'all' to keep everything")
    return nil
  }

  private mutating func adminToken(_ field: Field) -> Secret? {
    guard let token = servedSecret(field) else { return nil }
    let length = token.reveal().utf8.count
    guard length >= Self.shortestAdminToken else {
      report(
        field,
        "it has \(length) characters, and at least \(Self.shortestAdminToken) are needed; "
          + "'openssl rand -hex 32' makes a good one")
      return nil
    }
    if let other = known.first(where: { $0.secret == token }) {
      report(field, "it is the same as '\(other.path)'; write another")
    }
    known.append((token, field.path))
    return token
  }

  private mutating func sandbox(_ section: Field) -> SandboxSettings {
    var result = SandboxSettings()
    forEachField(of: section, section: "sandbox") { reader, field in
      if field.name == "size" { result.size = reader.size(field) } else { result.paths = reader.paths(field) }
    }
    return result
  }

  private mutating func paths(_ field: Field) -> [String] {
    guard case .list(let nodes) = field.node.content else {
      report(field, "a list is expected here, such as [/usr]")
      return []
    }
    return nodes.compactMap { node in
      let item = Field(path: field.path, position: node.position, node: node, name: field.name)
      guard let path = text(item) else { return nil }
      let parts = path.split(separator: "/")
      let isPlain = path.hasPrefix("/") && !parts.contains { $0 == ".." || $0 == "." }
      if isPlain, let first = parts.first, !Self.ownPlaces.contains(String(first)) { return path }
      if isPlain {
        report(item, "'\(ConfigurationValue.shown(path))' is a cell's own; name a directory such as /opt/jdk")
        return nil
      }
      report(item, "'\(ConfigurationValue.shown(path))' is not the whole path of a directory; write it from / on")
      return nil
    }
  }

  /// A size such as `512M`, in bytes.
  private mutating func size(_ field: Field) -> Int? {
    guard let text = text(field) else { return nil }
    let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
    if let unit = text.last, let shift = shifts[Character(unit.uppercased())] {
      let digits = text.dropLast()
      if !digits.isEmpty, digits.utf8.count <= 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let count = Int(digits), count > 0, count << shift >= 1 << 20
      {
        return count << shift
      }
    }
    report(field, "'\(ConfigurationValue.shown(text))' is no size of at least 1M; write one such as 512M or 2G")
    return nil
  }

  // MARK: Forges

  private mutating func forges(_ section: Field) -> [ForgeName: ForgeSettings] {
    var result: [ForgeName: ForgeSettings] = [:]
    forEachField(of: section, section: "forges") { reader, field in
      guard let name = ForgeName(rawValue: field.name) else { return }
      result[name] = reader.forge(name, field)
    }
    return result
  }

  private mutating func forge(_ name: ForgeName, _ section: Field) -> ForgeSettings? {
    let before = problems.count
    var url = Self.usualURL(of: name)
    var secrets: [Secret] = []
    var token: SecretPlace?
    var app: ForgeAccess?
    var longest = ForgeSettings.usualLongestRequest
    var given: Set<String> = []
    forEachField(of: section, section: "forges.\(name.rawValue)") { reader, field in
      given.insert(field.name)
      switch field.name {
      case "url": url = reader.url(field)
      case "webhookSecret": secrets = reader.webhookSecrets(field)
      case "token": token = reader.token(field, of: name)
      case "longestRequest": longest = reader.longestRequest(field) ?? longest
      default: app = reader.app(field)
      }
    }
    guard case .keys = section.node.content else { return nil }
    if !given.contains("url"), url == nil {
      report(section, "it has no 'url'; write where its API is, such as https://git.example.org")
    }
    if !given.contains("webhookSecret") {
      report(section, "it has no 'webhookSecret'; write what its webhooks are signed with")
    }
    if given.contains("app"), given.contains("token") {
      report(section, "it has an 'app' and a 'token'; keep the one to speak as")
    }
    if !given.contains("app"), !given.contains("token") { token = variableToken(of: name, section) }
    guard problems.count == before, let url, let access = app ?? token.map({ .token($0) }) else { return nil }
    return ForgeSettings(url: url, webhookSecrets: secrets, access: access, longestRequest: longest)
  }

  /// The bounds of `longestRequest`, in seconds: below, a request of ours could hardly come to its end; above, no server
  /// in front of a forge waits.
  static let longestRequests = 2...600

  private mutating func longestRequest(_ field: Field) -> Duration? {
    guard let text = text(field) else { return nil }
    if text.utf8.count <= 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int(text),
      Self.longestRequests.contains(seconds)
    {
      return .seconds(seconds)
    }
    report(
      field,
      "'\(ConfigurationValue.shown(text))' is no whole number of seconds from \(Self.longestRequests.lowerBound) to "
        + "\(Self.longestRequests.upperBound); write one such as 90")
    return nil
  }

  private static func usualURL(of name: ForgeName) -> String? {
    switch name {
    case .github: "https://api.github.com"
    case .gitlab: "https://gitlab.com"
    case .gitea: nil
    }
  }

  /// The token that the environment has for the forge, as the forges' own tools find it there.
  private mutating func variableToken(of name: ForgeName, _ section: Field) -> SecretPlace? {
    let variable = "\(name.rawValue.uppercased())_TOKEN"
    variables.tokens.insert(variable)
    guard reading == .broker else { return .variable(variable) }
    if let value = surroundings.variable(variable), !value.isEmpty {
      tokens[name] = Secret(value)
      return .variable(variable)
    }
    let ways = name == .github ? "'token' or 'app'" : "'token'"
    report(section, "it has no \(ways), and \(variable) is not set; write whom to speak as")
    return nil
  }

  private mutating func url(_ field: Field) -> String? {
    guard let text = text(field) else { return nil }
    switch WebAddress.read(text) {
    case .success(let address): return address.text
    case .failure(let fault):
      report(field, fault.message)
      return nil
    }
  }

  private mutating func webhookSecrets(_ field: Field) -> [Secret] {
    var fields = [field]
    if case .list(let nodes) = field.node.content {
      fields = nodes.map { Field(path: field.path, position: $0.position, node: $0, name: field.name) }
      if !(1...2).contains(fields.count) {
        report(field, "it is a list of \(fields.count); write one secret, or two while one takes the other's place")
      }
    }
    var result: [Secret] = []
    for item in fields {
      guard let secret = servedSecret(item) else { continue }
      if result.contains(secret) {
        report(item, "it is the same secret twice; during a change write the new one and the old one")
      } else if let other = known.first(where: { $0.secret == secret }) {
        if other.path.hasSuffix(".webhookSecret") {
          warnings.append("'\(field.path)' and '\(other.path)' are the same secret: one forge can speak as the other")
        } else {
          report(item, "it is the same as '\(other.path)'; write another")
        }
      }
      if secret.reveal().utf8.count < 16 {
        warnings.append("'\(field.path)' has fewer than 16 characters: 'openssl rand -hex 32' makes a good one")
      }
      result.append(secret)
    }
    known += result.map { ($0, field.path) }
    return result
  }

  private mutating func token(_ field: Field, of name: ForgeName) -> SecretPlace? {
    guard let place = place(field, keeping: \.tokens) else { return nil }
    guard reading == .broker else {
      if place == .inside, reading == .server {
        warnings.append(
          "'\(field.path)' stands in '\(file)', which every process of the server reads: write { file: PATH }, which "
            + "the broker alone reads")
      }
      return place
    }
    guard let token = secret(field) else { return nil }
    if let other = known.first(where: { $0.secret == token }) {
      report(field, "it is the same as '\(other.path)'; write the token that the forge gave")
    }
    if token.reveal().utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
      report(field, "a token has no spaces and no letters beyond ASCII; copy it again")
    }
    known.append((token, field.path))
    tokens[name] = token
    return place
  }

  private mutating func app(_ section: Field) -> ForgeAccess? {
    var id: String?
    var keyFile: String?
    let before = problems.count
    forEachField(of: section, section: "forges.github.app") { reader, field in
      if field.name == "id" { id = reader.appID(field) } else { keyFile = reader.keyFile(field) }
    }
    if problems.count == before {
      if id == nil { report(section, "it has no 'id'; write the app's id or its client id") }
      if keyFile == nil { report(section, "it has no 'keyFile'; write the path of the app's private key") }
    }
    guard let id, let keyFile else { return nil }
    return .app(id: id, keyFile: keyFile)
  }

  private mutating func appID(_ field: Field) -> String? {
    guard let text = text(field) else { return nil }
    let isID =
      text.utf8.count <= 64
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2e
      }
    if isID { return text }
    report(field, "'\(ConfigurationValue.shown(text))' is no app's id; write its number or its client id")
    return nil
  }

  private mutating func keyFile(_ field: Field) -> String? {
    guard let text = text(field) else { return nil }
    let path = resolved(text)
    secretFiles.insert(path)
    guard reading == .broker else { return look(at: path, field) ? path : nil }
    do {
      let (content, mode) = try read(path)
      warnIfOpen(path, mode: mode)
      let head = Array("-----BEGIN ".utf8)
      if !content.starts(with: head) || !String(decoding: content.prefix(64), as: UTF8.self).contains("PRIVATE KEY") {
        report(field, "'\(ConfigurationValue.shown(path))' holds no private key; name the .pem file that GitHub gave")
      }
      return path
    } catch {
      report(field, "\(error)")
      return nil
    }
  }
}
