package import FileSystem

/// What a configuration file refers to: variables and other files.
package struct SettingsSurroundings: Sendable {
  /// The value of an environment variable; `nil` where it is not set.
  package var variable: @Sendable (String) -> String?
  /// A small file.
  package var file: @Sendable (_ path: String) -> Result<SettingsFile, FileError>
  /// The permission bits of a file, which is not read.
  package var mode: @Sendable (_ path: String) -> Result<UInt32, FileError>

  package init(
    variable: @escaping @Sendable (String) -> String?,
    file: @escaping @Sendable (_ path: String) -> Result<SettingsFile, FileError>,
    mode: @escaping @Sendable (_ path: String) -> Result<UInt32, FileError>
  ) {
    self.variable = variable
    self.file = file
    self.mode = mode
  }

  /// Those of this process; files with more than 64 KiB are refused.
  package static func process(environment: [String: String]) -> SettingsSurroundings {
    SettingsSurroundings(
      variable: { environment[$0] },
      file: { path in
        Result { () throws(FileError) in
          let file = try FileDescriptor(opening: Array(path.utf8), .read)
          return SettingsFile(
            content: try file.readToEnd(limit: 64 * 1024), mode: try FileStatus(of: file).mode)
        }
      },
      mode: { path in
        Result { () throws(FileError) in
          guard let status = try FileStatus(Array(path.utf8)) else {
            throw FileError("open", Array(path.utf8), code: 2)
          }
          return status.mode
        }
      })
  }
}

/// A file that a configuration refers to.
package struct SettingsFile: Sendable {
  package var content: [UInt8]
  /// The permission bits.
  package var mode: UInt32

  package init(content: [UInt8], mode: UInt32) {
    self.content = content
    self.mode = mode
  }
}
