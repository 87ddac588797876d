package import Base
package import Policy
package import Work

/// The settings as the broker reads them, with what forges are spoken to with.
package struct BrokerSettings: Sendable {
  package var settings: ServerSettings
  /// The tokens of the forges that are spoken to with one.
  package var tokens: [ForgeName: Secret]

  /// Reads the file at this path and what it refers to.
  ///
  /// - Throws: ``ConfigurationError`` with everything that is wrong.
  package static func read(
    path: String, surroundings: SettingsSurroundings
  ) throws(ConfigurationError) -> BrokerSettings {
    let (settings, tokens) = try ServerSettings.parts(path: path, surroundings: surroundings, for: .broker)
    return BrokerSettings(settings: settings, tokens: tokens)
  }
}
