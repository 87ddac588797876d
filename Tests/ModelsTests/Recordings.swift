import Models

/// Answers in the shapes that the vendors document: the same turn streamed and in one piece.
enum Recordings {
  static let responsesItems = [
    #"{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA/+\u00e9=="}"#,
    #"{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"I look — \"now\".\n","annotations":[],"logprobs":[]}]}"#,
    #"{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"cmd\":\"ls\"}","call_id":"call_A","name":"shell"}"#,
    #"{"id":"ctc_1","type":"custom_tool_call","status":"completed","call_id":"call_B","name":"apply_patch","input":"*** Begin Patch\n*** End Patch"}"#,
  ]
  static let responsesUsage =
    #"{"input_tokens":1000,"input_tokens_details":{"cached_tokens":600,"cache_write_tokens":100},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":1050}"#

  static func responsesDocument(_ items: [String] = responsesItems, status: String = "completed", reason: String? = nil)
    -> String
  {
    let details = reason.map { #"{"reason":"\#($0)"}"# } ?? "null"
    return #"{"id":"resp_1","object":"response","status":"\#(status)","error":null,"incomplete_details":\#(details),"#
      + #""model":"gpt-5.6","output":[\#(items.joined(separator: ","))],"usage":\#(responsesUsage)}"#
  }

  static func responsesStream(_ items: [String] = responsesItems, status: String = "completed", reason: String? = nil)
    -> String
  {
    var list = [
      #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","output":[]}}"#,
      #"{"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1"}}"#,
    ]
    for (index, item) in items.enumerated() {
      // What is added need not be whole.
      list.append(
        #"{"type":"response.output_item.added","output_index":\#(index),"item":{"type":"function_call","arguments":""}}"#
      )
      list.append(#"{"type":"response.output_text.delta","output_index":\#(index),"delta":"abc"}"#)
      list.append(#"{"type":"response.some_event_of_the_future","output_index":\#(index),"x":[{}]}"#)
      list.append(#"{"type":"response.output_item.done","output_index":\#(index),"item":\#(item)}"#)
    }
    let end = status == "incomplete" ? "response.incomplete" : "response.completed"
    list.append(#"{"type":"\#(end)","response":\#(responsesDocument(items, status: status, reason: reason))}"#)
    return events(list)
  }

  static func responsesTurn() -> AssistantTurn {
    AssistantTurn(
      text: "I look — \"now\".\n",
      calls: [
        ToolCall(id: "call_A", name: "shell", input: .json(#"{"cmd":"ls"}"#)),
        ToolCall(id: "call_B", name: "apply_patch", input: .text("*** Begin Patch\n*** End Patch")),
      ], stop: .calls, echo: Echo(dialect: .responses, model: "gpt-5.6", pieces: responsesItems))
  }

  // MARK: Chat

  private static func chunk(_ delta: String, finish: String = "null", index: Int = 0) -> String {
    #"{"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":\#(index),"delta":\#(delta),"#
      + #""logprobs":null,"finish_reason":\#(finish)}]}"#
  }

  static let chatUsage =
    #"{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":600}}"#

  static func chatStream() -> String {
    ": keep-alive\n\n"
      + events(
        [
          chunk(#"{"role":"assistant","content":"","reasoning_content":null}"#),
          chunk(#"{"reasoning_content":"Let me "}"#), chunk(#"{"reasoning_content":"see…"}"#),
          chunk(#"{"content":"I look — \"no"}"#), chunk(#"{"content":"w\".\n"}"#),
          chunk(
            #"{"tool_calls":[{"index":0,"id":"call_A","type":"function","function":{"name":"shell","arguments":""}}]}"#),
          chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"cm"}}]}"#),
          chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"d\":\"ls\"}"}}]}"#),
          chunk(
            #"{"tool_calls":[{"index":1,"id":"call_B","type":"function","function":{"name":"shell","arguments":"{}"}}]}"#
          ),
          chunk("{}", finish: #""tool_calls""#),
          #"{"id":"c1","object":"chat.completion.chunk","choices":[],"usage":\#(chatUsage)}"#,
        ], named: false) + "data: [DONE]\n\n"
  }

  static func chatDocument() -> String {
    #"{"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","#
      + #""content":"I look — \"now\".\n","reasoning_content":"Let me see…","tool_calls":["#
      + #"{"id":"call_A","type":"function","function":{"name":"shell","arguments":"{\"cmd\":\"ls\"}"}},"#
      + #"{"id":"call_B","type":"function","function":{"name":"shell","arguments":"{}"}}]},"#
      + #""finish_reason":"tool_calls"}],"usage":\#(chatUsage)}"#
  }

  static func chatTurn() -> AssistantTurn {
    AssistantTurn(
      text: "I look — \"now\".\n",
      calls: [
        ToolCall(id: "call_A", name: "shell", input: .json(#"{"cmd":"ls"}"#)),
        ToolCall(id: "call_B", name: "shell", input: .json("{}")),
      ], stop: .calls,
      echo: Echo(
        dialect: .chat, model: "deepseek-v4-pro", pieces: [#"{"reasoning_content":"Let me see…"}"#]))
  }

  // MARK: Messages

  static let messagesBlocks = [
    #"{"type":"thinking","thinking":"","signature":"EqQB/+=="}"#,
    #"{"type":"redacted_thinking","data":"Zm9v"}"#,
    #"{"type":"text","text":"I look — \"now\".\n"}"#,
    #"{"type":"tool_use","id":"toolu_A","name":"shell","input":{"cmd": "ls", "n": 1.0}}"#,
    #"{"type":"tool_use","id":"toolu_B","name":"shell","input":{}}"#,
  ]

  static func messagesStream(stop: String = "tool_use") -> String {
    let ping = #"{"type":"ping"}"#
    return events([
      #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"#
        + #""stop_reason":null,"usage":{"input_tokens":300,"cache_creation_input_tokens":100,"#
        + #""cache_read_input_tokens":600,"output_tokens":1}}}"#,
      #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
      ping,
      #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB/+=="}}"#,
      #"{"type":"content_block_stop","index":0}"#,
      #"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"Zm9v"}}"#,
      #"{"type":"content_block_stop","index":1}"#,
      #"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
      #"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"I look — \"no"}}"#,
      #"{"type":"content_block_delta","index":2,"delta":{"type":"of_the_future","x":1}}"#, ping,
      #"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"w\".\n"}}"#,
      #"{"type":"content_block_stop","index":2}"#,
      #"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_A","name":"shell","input":{}}}"#,
      #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}"#,
      #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"cmd\": \"l"}}"#,
      #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"s\", \"n\": 1.0}"}}"#,
      #"{"type":"content_block_stop","index":3}"#, #"{"type":"event_of_the_future"}"#,
      #"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_B","name":"shell","input":{}}}"#,
      #"{"type":"content_block_stop","index":4}"#,
      #"{"type":"message_delta","delta":{"stop_reason":"\#(stop)","stop_sequence":null},"usage":{"output_tokens":50}}"#,
      #"{"type":"message_stop"}"#,
    ])
  }

  static func messagesDocument() -> String {
    #"{"id":"msg_1","type":"message","role":"assistant","content":[\#(messagesBlocks.joined(separator: ", "))],"#
      + #""stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":300,"#
      + #""cache_creation_input_tokens":100,"cache_read_input_tokens":600,"output_tokens":50}}"#
  }

  static func messagesTurn() -> AssistantTurn {
    AssistantTurn(
      text: "I look — \"now\".\n",
      calls: [
        ToolCall(id: "toolu_A", name: "shell", input: .json(#"{"cmd": "ls", "n": 1.0}"#)),
        ToolCall(id: "toolu_B", name: "shell", input: .json("{}")),
      ], stop: .calls, echo: Echo(dialect: .messages, model: "claude-sonnet-5", pieces: messagesBlocks))
  }

  static func stream(_ dialect: Dialect) -> String {
    switch dialect {
    case .responses: responsesStream()
    case .chat: chatStream()
    case .messages: messagesStream()
    }
  }

  static func document(_ dialect: Dialect) -> String {
    switch dialect {
    case .responses: responsesDocument()
    case .chat: chatDocument()
    case .messages: messagesDocument()
    }
  }

  static func turn(_ dialect: Dialect) -> AssistantTurn {
    switch dialect {
    case .responses: responsesTurn()
    case .chat: chatTurn()
    case .messages: messagesTurn()
    }
  }

  static func usage(_ dialect: Dialect) -> TokenUsage {
    TokenUsage(
      input: dialect == .chat ? 400 : 300, cacheRead: 600, cacheWrite: dialect == .chat ? 0 : 100, output: 50)
  }
}
