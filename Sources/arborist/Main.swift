internal import ArgumentParser
internal import Base
internal import Glibc

/// Parses the words, runs the command, and turns whatever it ends with into a line and a status.
@main
enum Main {
  static func main() async {
    // A reader of our output that goes away is an error to report, not a reason to die without a word.
    signal(SIGPIPE, SIG_IGN)
    exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  private static func run(_ arguments: [String]) async -> Int32 {
    var command: any ParsableCommand
    do {
      command = try Arborist.parseAsRoot(arguments)
    } catch {
      return report(words: error)
    }
    do {
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return ExitStatus.done.rawValue
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      // Help is a command of the parser's own: it ends with an error that only the parser can read.
      let code = Arborist.exitCode(for: error)
      if code == .success || code == .validationFailure { return report(words: error) }
      let failure = Failure.of(error)
      Terminal.note(failure.description)
      return failure.status.rawValue
    }
  }

  /// What the argument parser has to say: help that was asked for, or what is wrong with the words.
  private static func report(words error: any Error) -> Int32 {
    if Arborist.exitCode(for: error).isSuccess {
      do {
        try Terminal.result(Arborist.fullMessage(for: error) + "\n")
        return ExitStatus.done.rawValue
      } catch {
        let failure = Failure.of(error)
        Terminal.note(failure.description)
        return failure.status.rawValue
      }
    }
    Terminal.note("\(Arborist.message(for: error)); 'arborist --help' lists the commands, and each has a '--help'")
    return ExitStatus.usage.rawValue
  }
}
