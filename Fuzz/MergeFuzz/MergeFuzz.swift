// A libFuzzer target: no sequence of bytes may crash the merge, make it hang, or break one of its properties.
//
//   scripts/fuzz SECONDS [libFuzzer option]...

import Glibc
import MergeProperties
import Merging

/// The entry of libFuzzer for programs that bring their own start (LLVM, "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argc: UnsafeMutablePointer<CInt>,
  _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ callback: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// What the package manager makes the start of a program named MergeFuzz.
@_cdecl("MergeFuzz_main")
func start(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
  var (argc, argv) = (argc, argv)
  return runDriver(&argc, &argv, tryOne)
}

private func tryOne(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let merge = MergeCase(Array(UnsafeBufferPointer(start: data, count: count)))
  let violations = MergeProperties.violations(of: merge, resolvers: StandardResolvers.auto)
  // A crash is what libFuzzer looks for; the input stays in a file that shows it again.
  if !violations.isEmpty {
    let report = "\(merge.text)\n"
    _ = report.withCString { write(2, $0, strlen($0)) }
    fatalError(violations.joined(separator: "; "))
  }
  // All resolvers, also those that only propose, must at least end.
  _ = FileMerge(
    base: merge.base, ours: merge.ours, theirs: merge.theirs, path: merge.path, resolvers: StandardResolvers.auto,
    proposing: StandardResolvers.all)
  return 0
}
