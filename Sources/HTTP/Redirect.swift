/// Where an answer sends the one who asked.
enum Redirect {
  /// The address to ask next, or `nil` where the answer is no redirect or leads to another origin: another scheme,
  /// host or port.
  static func target(of head: HTTPHead, origin: HTTPAddress.Origin, url: String) -> String? {
    guard [301, 302, 303, 307, 308].contains(head.status), let location = head["location"] else { return nil }
    guard let address = try? HTTPAddress(resolve(location, against: url)), address.origin == origin else { return nil }
    return address.text
  }

  /// Puts a reference and the address at which it was found together (RFC 3986, section 5.2; dots are left to whoever
  /// reads the path).
  private static func resolve(_ reference: String, against base: String) -> String {
    let scheme = base.prefix { $0 != ":" }
    let authority = base.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }
    let root = "\(scheme)://\(authority)"
    let path = base.dropFirst(root.count).prefix { !"?#".contains($0) }
    if reference.hasPrefix("//") { return "\(scheme):\(reference)" }
    if reference.hasPrefix("/") { return root + reference }
    if reference.hasPrefix("?") { return root + (path.isEmpty ? "/" : path) + reference }
    if reference.isEmpty || reference.hasPrefix("#") { return base }
    if reference.prefix(while: { !"/?#".contains($0) }).contains(":") { return reference }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
    return root + folder + reference
  }
}
