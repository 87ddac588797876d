// What arrives over HTTP: webhooks, the page, metrics.
