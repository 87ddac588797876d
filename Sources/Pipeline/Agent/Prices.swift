internal import FileSystem
internal import Models

/// What models cost, as the person or the program knows it.
struct Prices {
  let table: PriceTable

  /// The built-in prices, with those of the person's file before them.
  ///
  /// The file is the one that `ARBORIST_PRICES` names, or `prices.json` in the configuration directory.
  ///
  /// - Throws: ``FileError`` or ``PriceFileError`` where it cannot be used; one that is not named need not be there.
  init(_ directories: UserDirectories, _ environment: [String: String]) throws {
    let named = environment["ARBORIST_PRICES"].flatMap { $0.isEmpty ? nil : $0 }
    let path = Array((named ?? directories.prices).utf8)
    guard try named != nil || FileStatus(path) != nil else {
      table = PriceTable()
      return
    }
    table = try PriceTable(overriding: File.read(path, limit: 1 << 20))
  }
}
