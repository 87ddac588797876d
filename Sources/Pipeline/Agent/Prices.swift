internal import Agent
internal import Base
internal import FileSystem
package import Models

/// What models cost, as the person or the program knows it.
struct Prices {
  private let table: PriceTable
  /// The person's file, whether it is there or not.
  private let file: String

  /// The built-in prices, with those of the person's file before them.
  ///
  /// The file is the one that `ARBORIST_PRICES` names, or `prices.json` in the configuration directory.
  ///
  /// - Throws: ``FileError`` or ``PriceFileError`` where it cannot be used; one that is not named need not be there.
  init(_ directories: UserDirectories, _ environment: [String: String]) throws {
    let named = environment["ARBORIST_PRICES"].flatMap { $0.isEmpty ? nil : $0 }
    file = named ?? directories.prices
    let path = Array(file.utf8)
    guard try named != nil || FileStatus(path) != nil else {
      table = PriceTable()
      return
    }
    table = try PriceTable(overriding: File.read(path, limit: 1 << 20))
  }

  /// What a model costs; `nil` where that is not known and need not be.
  ///
  /// - Throws: ``NoPrice`` where the budget has a limit of money, which could not be kept.
  func price(of model: ModelName, under budget: AgentBudget) throws(NoPrice) -> ModelPrice? {
    if let price = table.price(of: model) { return price }
    if let limit = budget.money { throw NoPrice(model: model, limit: Dollars(nano: limit), file: file) }
    return nil
  }
}

/// A limit of money for a model of which nobody knows what it costs.
package struct NoPrice: Error, Hashable, CustomStringConvertible {
  package let model: ModelName
  package let limit: Dollars
  /// Where a price can be given.
  package let file: String

  package var description: String {
    "no price is known for \(model), so the limit of \(limit) cannot be kept: give its price in "
      + "'\(DisplayText.line(file.utf8))' as {\"\(model)\": {\"input\": \"1.25\", \"output\": \"10\"}} "
      + "(dollars for a million tokens; \"0\" for a model of your own), or say '--usd none' to go on without a limit"
  }
}
