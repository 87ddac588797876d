// A libFuzzer target: no sequence of bytes may crash the reader of webhooks, and what is not signed is never believed.
//
//   scripts/fuzz-deliveries SECONDS [libFuzzer option]...
//
// The first byte of an input chooses a delivery, whose forge and event are taken; the rest is the body.

import DeliveryTrials
import Forges
import Glibc
import Work

/// The entry of libFuzzer for programs that bring their own start (LLVM, "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argc: UnsafeMutablePointer<CInt>,
  _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ callback: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// What the package manager makes the start of a program named DeliveryFuzz.
@_cdecl("DeliveryFuzz_main")
func start(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
  var (argc, argv) = (argc, argv)
  if let directory = getenv("ARBORIST_DELIVERY_CORPUS") {
    do { try SampleFiles.writeCorpus(to: String(cString: directory)) } catch { return 1 }
    return 0
  }
  return runDriver(&argc, &argv, tryOne)
}

private func tryOne(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  var delivery = OwnSamples.all[Int(data[0]) % OwnSamples.all.count]
  delivery.body = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let ways = DeliveryTrial.Forgery.allCases
  let faults =
    DeliveryTrial.signed(delivery).faults
    + DeliveryTrial.forged(delivery, as: ways[(count + Int(data[0])) % ways.count])
  // A crash is what libFuzzer looks for; the input stays in a file that shows it again.
  if !faults.isEmpty { fatalError(faults.joined(separator: "; ")) }
  return 0
}
