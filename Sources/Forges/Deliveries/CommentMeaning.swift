internal import Work

/// What a new comment asks for.
enum CommentMeaning {
  /// The most of a comment that is read, in bytes.
  static let longest = 64 * 1024

  /// What the text asks for, given where it stands.
  ///
  /// `author` is the number of whoever wrote it, and `sender` of whoever sent it: they have to be one. `thread` is what
  /// to answer in; `nil` for the pull request as a whole. `isReply` says that it is an answer in the thread, so that its
  /// words count even without a command.
  static func of(
    _ text: String, number: Int, comment: Int64, thread: String?, isReply: Bool, author: Int64?, sender: Int64?
  ) -> PayloadMeaning {
    let words = CommandParser.words(in: text)
    guard !words.isEmpty || isReply else { return .nothing("it has no command") }
    guard let sender, author == nil || author == sender else {
      return .nothing("who sent it is not who wrote it")
    }
    if let command = CommentCommand(number: number, words: words, comment: comment, thread: thread) {
      return .happening(.command(command))
    }
    guard let thread, !text.allSatisfy(\.isWhitespace) else { return .nothing("it says nothing") }
    return .happening(
      .reply(
        ThreadReply(number: number, thread: thread, comment: comment, body: String(text.cut(most: longest)))))
  }
}
