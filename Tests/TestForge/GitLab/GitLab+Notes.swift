internal import JSON

/// Notes, discussions and drafts.
extension World {
  private static let longest = 1_000_000

  func noteJSON(_ comment: Comment) -> JSONValue {
    guard let pull = pull(comment.repository, comment.number) else { return .null }
    let thread = comment.thread.flatMap { threads[$0] }
    let isResolvable = thread?.isResolvable ?? false
    let base: JSONValue = [
      "id": .number(comment.id), "body": .string(comment.body), "author": gitLabUserJSON(comment.author),
      "type": comment.anchor != nil ? "DiffNote" : isResolvable ? "DiscussionNote" : .null, "system": false,
      "created_at": .stamp(comment.created), "updated_at": .stamp(comment.updated), "noteable_id": .number(pull.id),
      "noteable_type": "MergeRequest", "noteable_iid": .number(pull.number), "project_id": .number(comment.repository),
      "resolvable": .bool(isResolvable), "confidential": false, "internal": false, "attachment": .null,
    ]
    guard isResolvable else { return base }
    let settled = base.adding([
      "resolved": .bool(thread?.isResolved ?? false),
      "resolved_by": thread?.resolvedBy.map { gitLabUserJSON($0) } ?? .null,
    ])
    return comment.anchor.map { settled.adding(["position": positionJSON($0, of: pull)]) } ?? settled
  }

  func discussionJSON(_ thread: ForgeThread) -> JSONValue {
    [
      "id": .string(thread.name), "individual_note": .bool(!thread.isResolvable),
      "notes": .array(comments(in: thread.id).map(noteJSON)),
    ]
  }

  private func noteText(_ call: Call, _ name: String = "body") throws -> String {
    let text = call.json[name]?.string ?? ""
    if text.allSatisfy(\.isWhitespace) { throw Refusal(400, "400 Bad request - Note {:note=>[\"can't be blank\"]}") }
    if text.unicodeScalars.count > Self.longest {
      throw Refusal(400, "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}")
    }
    return text
  }

  private func note(_ parameters: Parameters, of pull: Pull) throws -> Comment {
    guard let note = parameters["note_id"].flatMap({ Int($0) }).flatMap({ comments[$0] }),
      note.repository == pull.repository, note.number == pull.number
    else { throw Refusal(404, "404 Note Not Found") }
    return note
  }

  private func thread(named name: String?, of pull: Pull) throws -> ForgeThread {
    guard let thread = threads(of: pull.repository, pull.number).first(where: { $0.name == name }) else {
      throw Refusal(404, "404 Discussion Not Found")
    }
    return thread
  }

  // MARK: Notes

  mutating func gitLabNotes(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    var found = comments(of: pull.repository, pull.number)
    if call.query["sort"] != "asc" { found.reverse() }
    return gitLabPage(found.map(noteJSON), call)
  }

  mutating func gitLabAddNote(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let text = try noteText(call)
    let thread = addThread(to: pull, isResolvable: false)
    return .json(201, noteJSON(addComment(text, to: pull, by: caller.account, thread: thread.id)))
  }

  mutating func gitLabNote(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, noteJSON(try note(parameters, of: try mergeRequest(parameters).1)))
  }

  mutating func gitLabEditNote(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (project, pull) = try mergeRequest(parameters)
    var note = try note(parameters, of: pull)
    if call.json["body"] != nil {
      guard note.author == caller.account || access(of: caller.account, on: project) >= .admin else {
        throw Refusal(403, "403 Forbidden", breach: "a change to somebody else's note")
      }
      note.body = try noteText(call)
      note.updated = now
      comments[note.id] = note
      wrote("comment edit")
    }
    if let resolved = Self.flag(call.json["resolved"]), let thread = note.thread {
      try settle(thread, resolved, by: caller.account)
    }
    return .json(200, noteJSON(note))
  }

  mutating func gitLabDeleteNote(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (project, pull) = try mergeRequest(parameters)
    let note = try note(parameters, of: pull)
    guard note.author == caller.account || access(of: caller.account, on: project) >= .admin else {
      throw Refusal(403, "403 Forbidden", breach: "a change to somebody else's note")
    }
    comments[note.id] = nil
    wrote("comment removal")
    return .empty
  }

  static func flag(_ value: JSONValue?) -> Bool? {
    value?.flag ?? value?.string.map { ["true", "1"].contains($0) }
  }

  mutating func gitLabEmoji(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let note = try note(parameters, of: try mergeRequest(parameters).1)
    return gitLabPage(note.reactions.map(emojiJSON), call)
  }

  private func emojiJSON(_ reaction: Reaction) -> JSONValue {
    ["id": .number(reaction.id), "name": .string(reaction.content), "user": gitLabUserJSON(reaction.account)]
  }

  mutating func gitLabAddEmoji(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let note = try note(parameters, of: try mergeRequest(parameters).1)
    let (reaction, isNew) = addReaction(call.json["name"]?.string ?? "", to: note, by: caller.account)
    guard isNew else { throw Refusal(404, "404 Award Emoji Name has already been taken Not Found") }
    return .json(201, emojiJSON(reaction))
  }

  // MARK: Discussions

  mutating func gitLabDiscussions(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let found = threads(of: pull.repository, pull.number).filter { !comments(in: $0.id).isEmpty }
    return gitLabPage(found.map(discussionJSON), call)
  }

  mutating func gitLabDiscussion(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    return .json(200, discussionJSON(try thread(named: parameters["discussion_id"], of: pull)))
  }

  mutating func gitLabAddDiscussion(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let text = try noteText(call)
    let anchor = try call.json["position"].map { try self.anchor($0, of: pull, call) }
    return .json(201, discussionJSON(addDiscussion(text, at: anchor, to: pull, by: caller.account)))
  }

  mutating func addDiscussion(_ text: String, at anchor: Anchor?, to pull: Pull, by author: Int) -> ForgeThread {
    let thread = addThread(to: pull)
    if let anchor {
      let comment = addLineComment(text, at: anchor, to: pull, review: nil, by: author, thread: thread.id)
      happened(.lineCommented(comment), by: author)
    } else {
      _ = addComment(text, to: pull, by: author, thread: thread.id)
    }
    return thread
  }

  mutating func gitLabReply(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let thread = try thread(named: parameters["discussion_id"], of: pull)
    return .json(201, noteJSON(addNote(try noteText(call), to: thread, of: pull, by: caller.account)))
  }

  /// Answers in a discussion; a single note becomes one by it.
  mutating func addNote(_ text: String, to thread: ForgeThread, of pull: Pull, by author: Int) -> Comment {
    threads[thread.id]?.isResolvable = true
    let first = comments(in: thread.id).first
    guard let anchor = first?.anchor else { return addComment(text, to: pull, by: author, thread: thread.id) }
    let comment = addLineComment(
      text, at: anchor, to: pull, review: nil, by: author, thread: thread.id, parent: first?.id)
    happened(.lineCommented(comment), by: author)
    return comment
  }

  mutating func gitLabResolve(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (project, pull) = try mergeRequest(parameters)
    let thread = try thread(named: parameters["discussion_id"], of: pull)
    guard thread.isResolvable else { throw Refusal(403, "403 Forbidden") }
    guard access(of: caller.account, on: project) >= .write || pull.author == caller.account else {
      throw Refusal(403, "403 Forbidden")
    }
    try settle(thread.id, Self.flag(call.json["resolved"]) ?? true, by: caller.account)
    return .json(200, discussionJSON(try self.thread(named: thread.name, of: pull)))
  }

  // MARK: Drafts

  private func draftJSON(_ draft: DraftNote, of pull: Pull) -> JSONValue {
    [
      "id": .number(draft.id), "author_id": .number(draft.author), "merge_request_id": .number(pull.id),
      "note": .string(draft.body), "discussion_id": .maybe(draft.discussion), "resolve_discussion": false,
      "position": draft.anchor.map { positionJSON($0, of: pull) } ?? .null, "line_code": .null,
    ]
  }

  private func drafts(of pull: Pull, by author: Int) -> [DraftNote] {
    drafts.values.filter { $0.repository == pull.repository && $0.number == pull.number && $0.author == author }
      .sorted { $0.id < $1.id }
  }

  private func draft(_ parameters: Parameters, of pull: Pull, by author: Int) throws -> DraftNote {
    guard let found = drafts(of: pull, by: author).first(where: { String($0.id) == parameters["draft_note_id"] }) else {
      throw Refusal(404, "404 Draft Note Not Found")
    }
    return found
  }

  mutating func gitLabDrafts(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    return gitLabPage(drafts(of: pull, by: caller.account).map { draftJSON($0, of: pull) }, call)
  }

  mutating func gitLabAddDraft(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    let text = try noteText(call, "note")
    let discussion = call.json["in_reply_to_discussion_id"]?.string
    if let discussion { _ = try thread(named: discussion, of: pull) }
    let anchor = try call.json["position"].map { try self.anchor($0, of: pull, call) }
    let draft = DraftNote(
      id: nextID(), repository: pull.repository, number: pull.number, author: caller.account, body: text,
      anchor: anchor, discussion: discussion)
    drafts[draft.id] = draft
    wrote("draft")
    return .json(201, draftJSON(draft, of: pull))
  }

  mutating func gitLabDeleteDraft(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    drafts[try draft(parameters, of: pull, by: caller.account).id] = nil
    return .empty
  }

  private mutating func publish(_ draft: DraftNote, of pull: Pull) throws {
    drafts[draft.id] = nil
    if let discussion = draft.discussion {
      _ = addNote(draft.body, to: try thread(named: discussion, of: pull), of: pull, by: draft.author)
    } else {
      _ = addDiscussion(draft.body, at: draft.anchor, to: pull, by: draft.author)
    }
  }

  mutating func gitLabPublish(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    try publish(try draft(parameters, of: pull, by: caller.account), of: pull)
    return .empty
  }

  mutating func gitLabPublishAll(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try mergeRequest(parameters)
    for draft in drafts(of: pull, by: caller.account) { try publish(draft, of: pull) }
    return .empty
  }
}
