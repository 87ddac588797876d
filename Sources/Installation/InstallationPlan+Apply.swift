internal import FileSystem
internal import Glibc

extension InstallationPlan {
  /// Carries the plan out.
  ///
  /// - Throws: ``InstallationError`` at the first step that fails. Running `arborist init` again goes on from there.
  package func apply() throws(InstallationError) {
    for step in steps {
      if case .configure(let path, let old, let new) = step {
        try configure(path, from: old, to: new)
        continue
      }
      do throws(FileError) {
        try carryOut(step)
      } catch {
        throw .file(error)
      }
    }
  }

  private func carryOut(_ step: Step) throws(FileError) {
    switch step {
    case .makeDirectory(let path, let mode):
      try Directory.make(path, mode: mode)
      try own(path)
      // A change of owner takes the set-group-ID bit away.
      try File.setMode(path, mode)
    case .setMode(let path, let mode): try File.setMode(path, mode)
    case .keep(let path, let kept): try keep(path, as: kept)
    case .write(let path, let content, let mode):
      let temporary = path + Array(".arborist-\(getpid())".utf8)
      try File.replace(path, with: content, mode: mode, temporary: temporary)
      try own(path)
    case .link(let path, let target):
      try File.makeSymbolicLink(path, target: target)
      try own(path)
    case .restore(let kept, let path): try File.rename(kept, to: path)
    case .remove(let path): try File.remove(path)
    case .removeDirectory(let path): try Directory.removeIfEmpty(path)
    // Done by the caller, under git's lock.
    case .configure: break
    }
  }

  private func own(_ path: [UInt8]) throws(FileError) {
    guard owner != nil || group != nil, let status = try FileStatus(noFollow: path) else { return }
    if status.owner == owner ?? status.owner, status.group == group ?? status.group { return }
    try File.setOwner(path, owner, group: group)
  }

  /// A second name first, so that the hook is never missing; a rename where the file system has no second names.
  private func keep(_ path: [UInt8], as kept: [UInt8]) throws(FileError) {
    do throws(FileError) {
      try File.link(path, to: kept)
    } catch {
      guard [EPERM, EOPNOTSUPP, EMLINK, EXDEV].contains(error.code) else { throw error }
      try File.rename(path, to: kept)
    }
  }

  /// Replaces git's configuration as git does: through `config.lock`, which only one process can make.
  private func configure(_ named: [UInt8], from old: [UInt8], to new: [UInt8]) throws(InstallationError) {
    var lock: [UInt8] = []
    do throws(FileError) {
      let path = try File.realPath(named) ?? named
      let status = try FileStatus(path)
      lock = path + Array(".lock".utf8)
      let file = try FileDescriptor(opening: lock, .create(mode: status?.mode ?? 0o644))
      do throws(FileError) {
        let present = status == nil ? [] : try File.read(path)
        if present == old {
          try file.write(new)
          try file.sync()
          try File.setOwner(lock, File.effectiveUser == 0 ? status?.owner : nil, group: status?.group)
          try File.rename(lock, to: path)
          return
        }
        try File.remove(lock)
      } catch {
        try? File.remove(lock)
        throw error
      }
    } catch {
      throw error.code == EEXIST ? .configurationLocked(lock: lock) : .file(error)
    }
    throw .configurationChanged(path: named)
  }
}
