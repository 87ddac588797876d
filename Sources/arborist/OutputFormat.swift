internal import ArgumentParser

/// How a command writes its result: for a person, or for a program.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
