// Tries broken deliveries on the reader of webhooks, and measures it.
//
//   delivery-trials COUNT [SEED]    that many broken deliveries out of those of ARBORIST_TEST_DATA; every fourth forged
//   delivery-trials --time          how long it takes to check and to read one delivery of about 28 KB
//   delivery-trials --large         bodies of 25 MB that are made to fill the memory

import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "--time"?: Measuring.time()
case "--large"?: Measuring.large()
case let count?:
  exit(Measuring.trials(count: Int(count) ?? 0, seed: arguments.dropFirst().first.flatMap(UInt64.init) ?? 1))
case nil: exit(2)
}
