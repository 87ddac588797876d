"""The least that a loop around a model can be: `bare.py URL STEPS`, without a sandbox, a journal, or streams."""

import json
import subprocess
import sys
import urllib.request

url, limit = sys.argv[1], int(sys.argv[2])
parameters = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
tools = [{"type": "function", "function": {"name": "bash", "description": "Runs it.", "parameters": parameters}}]
messages = [{"role": "user", "content": "Work."}]
for _ in range(limit + 1):
    body = json.dumps({"model": "gpt-4.1", "messages": messages, "tools": tools}).encode()
    fields = {"content-type": "application/json", "authorization": "Bearer sk-bench"}
    with urllib.request.urlopen(urllib.request.Request(url + "/chat/completions", body, fields)) as response:
        message = json.load(response)["choices"][0]["message"]
    messages.append(message)
    if not message.get("tool_calls"):
        break
    for call in message["tool_calls"]:
        words = ["bash", "-lc", json.loads(call["function"]["arguments"])["command"]]
        done = subprocess.run(words, capture_output=True, text=True)
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": done.stdout + done.stderr})
