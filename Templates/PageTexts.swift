internal import Mustache

/// A page that the server shows.
package enum Page: String, Sendable, CaseIterable {
  case runs
  case run
  case login
  case message

  /// The page with the values put in; see the template of the same name for what it takes.
  ///
  /// Every value is escaped.
  ///
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes for every template.
  package func render(_ values: [String: Any]) throws -> String {
    try Self.library.get().render(values, withTemplate: "\(rawValue)-page") ?? ""
  }

  /// All templates, read once.
  private static let library: Result<MustacheLibrary, any Error> = Result {
    let sources: [String: [UInt8]] = [
      "page-head": PackageResources.page_head_mustache, "page-foot": PackageResources.page_foot_mustache,
      "page-steps": PackageResources.page_steps_mustache, "runs-page": PackageResources.runs_page_mustache,
      "run-page": PackageResources.run_page_mustache, "login-page": PackageResources.login_page_mustache,
      "message-page": PackageResources.message_page_mustache,
    ]
    return MustacheLibrary(
      templates: try sources.mapValues { try MustacheTemplate(string: String(decoding: $0, as: UTF8.self)) })
  }
}

/// What the pages load, and nothing else.
package enum PageAsset: String, Sendable, CaseIterable {
  case style = "page.css"
  case script = "page.js"
  case icon = "icon.svg"

  /// Its bytes.
  package var content: [UInt8] {
    switch self {
    case .style: PackageResources.page_css
    case .script: PackageResources.page_js
    case .icon: PackageResources.icon_svg
    }
  }
}

/// Texts on the server's configuration.
package enum ServerText {
  /// A configuration of the server with everything that it may say.
  package static var example: String { String(decoding: PackageResources.server_example_yml, as: UTF8.self) }
}
