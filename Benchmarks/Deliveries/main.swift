// How many signed deliveries a second the server takes, each durable before its answer.
//
//     Deliveries [--seconds N] [--connections N] [--rate N] [--database PATH|postgres://…] [--directory DIR]
//
// Without --rate each connection sends as soon as it has its answer. With a database of PostgreSQL it is emptied before:
// scripts/postgres-cluster --sync -- sh -c 'Deliveries --database "$ARBORIST_DATABASE"' makes one for it.

import BenchSupport
import Foundation
import Glibc

let words = CommandLine.arguments
if words.count == 3, words[1] == "serve" {
  do {
    try await BenchServer.run(database: words[2])
  } catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
  }
  exit(0)
}

func option(_ name: String) -> String? {
  words.firstIndex(of: "--\(name)").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
}

do {
  try Measure(
    program: "/proc/self/exe", seconds: option("seconds").flatMap { Double($0) } ?? 10,
    connections: option("connections").flatMap { Int($0) } ?? 64, rate: option("rate").flatMap { Double($0) } ?? 0,
    database: option("database"), directory: option("directory") ?? NSTemporaryDirectory()
  ).run()
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
