internal import FileSystem
internal import Glibc
internal import MergeFileCommand

/// The thin program behind `post-receive` and the merge driver.
///
/// It loads none of the libraries that `arborist` needs.
@main
enum Main {
  private static let usage = "usage: \(Options.usage), or arborist-hook merge-file [OPTION]... CURRENT BASE OTHER"

  static func main() {
    let words = argumentBytes()
    switch words.first.map({ String(decoding: $0, as: UTF8.self) }) {
    case "post-receive": exit(PostReceive.run(Array(words.dropFirst())))
    case "merge-file": exit(MergeFileRun.run(Array(words.dropFirst())))
    case "--help", "-h": FileDescriptor.say(usage)
    default:
      FileDescriptor.say("arborist: \(usage)")
      exit(2)
    }
  }

  /// The words after the program's name as they are; `CommandLine.arguments` would repair bytes that are not UTF-8.
  private static func argumentBytes() -> [[UInt8]] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { word in
        UnsafeRawBufferPointer(start: word, count: strlen(word)).map { $0 }
      }
    }
  }
}
