import Broker
import Testing

@Suite("A fetch is silent when nothing comes and nothing is worked on")
struct SilenceTests {
  /// Looks every second for this long, and tells at which look it was found to be silent.
  private func silence(
    within looks: Int, limit: Int, processor: (Int) -> Duration, quiet: (Int) -> Int
  ) -> Int? {
    var watch = SilenceWatch(seconds: limit, processorTime: .zero)
    return (1...looks).first { watch.isSilent(processorTime: processor($0), quiet: quiet($0)) }
  }

  @Test("Who only waits is silent once its time is over, with and without a connection")
  func waiting() {
    let little: (Int) -> Duration = { .microseconds(100 * $0) }
    #expect(silence(within: 500, limit: 120, processor: little, quiet: { $0 * 1000 }) == 121)
    #expect(silence(within: 500, limit: 120, processor: little, quiet: { _ in -1 }) == 121)
    #expect(silence(within: 120, limit: 120, processor: little, quiet: { $0 * 1000 }) == nil)
  }

  @Test("A server that sends a little now and then is not silent, and is once it stops")
  func trickle() {
    let quiet: (Int) -> Int = { $0 < 1000 ? $0 % 60 * 1000 : ($0 - 960) * 1000 }
    #expect(silence(within: 1000, limit: 120, processor: { _ in .zero }, quiet: quiet) == nil)
    #expect(silence(within: 2000, limit: 120, processor: { _ in .zero }, quiet: quiet) == 1080)
  }

  @Test("Who unpacks what came is not silent though nothing comes any more, and is once that ends")
  func unpacking() {
    let processor: (Int) -> Duration = { .milliseconds(5 * min($0, 1000)) }
    #expect(silence(within: 1000, limit: 120, processor: processor, quiet: { $0 * 1000 }) == nil)
    let end = silence(within: 2000, limit: 120, processor: processor, quiet: { $0 * 1000 })
    #expect(end.map { (1080...1121).contains($0) } == true)
  }
}
