internal import CBrokerShims

/// Files in memory, which have no name.
package enum NamelessFile {
  /// Makes one that programs inherit, open to read and write.
  ///
  /// - Parameter name: What the kernel shows for it.
  /// - Returns: Its descriptor; below zero where there can be none.
  package static func make(_ name: String) -> Int32 { arborist_memory_file(name) }
}
