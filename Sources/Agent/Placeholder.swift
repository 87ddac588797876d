package enum AgentPlaceholder {}
