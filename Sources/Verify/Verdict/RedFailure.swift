package import TestResults

/// Something that is red, what was said of it, and where it failed.
package struct RedFailure: Sendable, Hashable {
  package var item: RedItem
  /// What its runner said of a test; what a command printed last.
  package var message: [UInt8]
  package var frames: [TestFrame]

  package init(item: RedItem, message: [UInt8], frames: [TestFrame]) {
    self.item = item
    self.message = message
    self.frames = frames
  }
}
