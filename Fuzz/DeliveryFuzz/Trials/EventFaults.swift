internal import Base
internal import Foundation
internal import Work

/// What is wrong with an event, whatever it was read from.
enum EventFaults {
  static func of(_ event: Event, forge: ForgeName) -> [String] {
    guard case .forge(let happening) = event.kind else { return ["it is no forge's event"] }
    var faults: [String] = []
    if event.id != "\(forge.rawValue):\(SampleDelivery.id)" { faults.append("the event's name is another") }
    if event.time != .trial { faults.append("the event's time is another") }
    if happening.repository.forge != forge || event.repository != happening.repository.name {
      faults.append("the repository is another")
    }
    faults += DeliveryTrial.text(event.actor, most: 255 * 8)
    faults += of(happening.kind)
    // What is stored has to be found again as it was.
    if let stored = try? JSONEncoder().encode(event), let found = try? JSONDecoder().decode(Event.self, from: stored) {
      if found != event { faults.append("it is another when it was stored") }
    } else {
      faults.append("it cannot be stored")
    }
    return faults
  }

  private static func of(_ kind: ForgeHappening.Kind) -> [String] {
    switch kind {
    case .change(let notice): return number(notice.number)
    case .branch(let update):
      return update.ref.isBranch && update.old != update.new || !update.new.isZero ? [] : ["no branch moved"]
    case .command(let command):
      return number(command.number) + ([command.word] + command.rest).flatMap(word)
        + (command.ordinal == 1 && command.rest.count < 8 ? [] : ["the commands of a comment are wrong"])
    case .reply(let reply):
      return number(reply.number) + (1...65536 ~= reply.body.utf8.count ? [] : ["the reply's length is wrong"])
    case .failed(let failed):
      return DeliveryTrial.text(failed.check, most: 200 * 8) + failed.numbers.flatMap(number)
        + (failed.head.isZero || failed.numbers.count > 100 ? ["what failed is nothing"] : [])
    case .rerun(let rerun):
      return rerun.numbers.flatMap(number) + (rerun.kind.map(JobKind.started.contains) == false ? ["no such job"] : [])
    case .head, .stop, .untold: return ["no delivery tells that"]
    }
  }

  private static func number(_ number: Int) -> [String] {
    1...Int(Int32.max) ~= number ? [] : ["\(number) is no pull request"]
  }

  private static func word(_ word: CommentCommand.Word) -> [String] {
    switch word {
    case .ask(let question): DeliveryTrial.text(question, most: 4096 * 8).filter { _ in !question.contains("\t") }
    case .unknown(let word): DeliveryTrial.text(word, most: 80 * 8).filter { _ in !word.contains("\t") }
    default: []
    }
  }
}
