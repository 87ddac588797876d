package import Base
internal import CLibgit2
package import Work

extension NotesRef {
  /// The full name of the reference.
  ///
  /// - Throws: ``GitError`` with `invalid` where git would refuse the name, which none of these has.
  package func refName() throws(GitError) -> RefName {
    do {
      return try RefName(rawValue)
    } catch {
      throw GitError(.invalid, operation: "name the notes", message: error.description)
    }
  }
}

/// Reading notes.
extension Repository {
  /// The note of an object; `nil` where it has none.
  ///
  /// - Parameters:
  ///   - object: The object.
  ///   - notes: The commit that a notes reference points to.
  ///   - limit: The most bytes that are read.
  /// - Returns: The note's bytes.
  /// - Throws: ``GitError`` where the notes cannot be read, with `tooLarge` where the note is.
  package func note(
    of object: ObjectID, in notes: ObjectID, limit: Int = 8 << 20
  ) throws(GitError) -> [UInt8]? {
    let operation = "read the note of \(object.short)"
    let commit = try commitHandle(notes)
    var oid = object.oid
    var found: OpaquePointer?
    let result = unsafe git_note_commit_read(&found, pointer, commit.pointer, &oid)
    if result == GIT_ENOTFOUND.rawValue {
      let error = lastError(result, operation)
      if error.code == .missingObject { throw error }
      return nil
    }
    try check(result, operation)
    defer { unsafe git_note_free(found) }
    // libgit2 hands the text out as a C string, which would end at the first NUL.
    return try content(of: unsafe ObjectID(git_note_id(found)), limit: limit)
  }
}

/// Writing notes.
extension PrivateRepository {
  /// Makes a notes commit whose note of an object has some more lines at its end; no reference moves.
  ///
  /// A line that the note already has is not written again.
  ///
  /// - Parameters:
  ///   - lines: The lines, without line ends.
  ///   - object: The object.
  ///   - notes: The notes commit to go on from; `nil` where there are no notes yet.
  ///   - signature: Who writes, and when.
  /// - Returns: The new notes commit, or the old one where there was nothing to add.
  /// - Throws: ``GitError`` with `invalid` where a line or the note has a NUL or a line has a line end.
  package func append(
    _ lines: [String], toNoteOf object: ObjectID, in notes: ObjectID?, by signature: Signature
  ) throws(GitError) -> ObjectID? {
    let operation = "write a note to \(object.short)"
    let newline = UInt8(ascii: "\n")
    var note: [UInt8] = []
    if let notes { note = try self.note(of: object, in: notes) ?? [] }
    var present = Set(note.split(separator: newline).map { Array($0) })
    if let last = note.last, last != newline { note.append(newline) }
    var addsLines = false
    for line in lines.map({ Array($0.utf8) }) where present.insert(line).inserted {
      guard !line.contains(newline) else {
        throw GitError(.invalid, operation: operation, message: "a line has a line end in it")
      }
      note += line + [newline]
      addsLines = true
    }
    guard addsLines else { return notes }
    guard !note.contains(0) else { throw GitError(.invalid, operation: operation, message: "the note has a NUL") }
    return try writeNote(note, of: object, in: notes, by: signature, operation)
  }

  private func writeNote(
    _ note: [UInt8], of object: ObjectID, in notes: ObjectID?, by signature: Signature, _ operation: String
  ) throws(GitError) -> ObjectID {
    let signature = try SignatureHandle(signature)
    var oid = object.oid
    var commit = git_oid()
    let result: Int32
    if let notes {
      let parent = try commitHandle(notes)
      result = unsafe withCString(note) {
        unsafe git_note_commit_create(
          &commit, nil, pointer, parent.pointer, signature.pointer, signature.pointer, &oid, $0, 1)
      }
    } else {
      result = unsafe withCString(note) {
        unsafe git_note_commit_create(&commit, nil, pointer, nil, signature.pointer, signature.pointer, &oid, $0, 1)
      }
    }
    try check(result, operation)
    return ObjectID(commit)
  }
}
