internal import Base
internal import Models
internal import Work

extension ReviewCost {
  /// What asking models took, in one sentence.
  var sentence: String {
    let money = nanodollars.map { "\(Dollars(nano: $0))" } ?? "an unknown sum (no price is known)"
    var parts = [answers.counted("answer")]
    if let input { parts.append("\(input.counted("token")) in") }
    if let output { parts.append("\(output.counted("token")) out") }
    return "The model cost \(money): \(parts.joined(separator: ", "))."
  }
}
