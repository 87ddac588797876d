/// What hooks are told of.
enum Happening: Sendable, Hashable {
  case opened(Pull)
  case synchronized(Pull, before: String, after: String)
  case closed(Pull)
  case reopened(Pull)
  case ready(Pull)
  case drafted(Pull)
  case labelled(Pull, String)
  case unlabelled(Pull, String)
  case retargeted(Pull, from: String)
  case commented(Comment)
  case reviewed(Review)
  case lineCommented(Comment)
  case threadResolved(ForgeThread)
  case threadUnresolved(ForgeThread)
  case check(CheckRun, action: String)
  case status(CommitStatus)
  case pushed(Repository, ref: String, before: String, after: String)
}

/// A delivery to a hook.
struct Delivery: Sendable, Hashable {
  let id: String
}

extension World {
  mutating func happened(_ happening: Happening, by author: Int) {}
}

extension TestForge {
  func deliverWaiting() {}
}
