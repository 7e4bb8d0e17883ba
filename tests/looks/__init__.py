"""The stand-ins of Discord and Telegram to look at: what the bot has sent, drawn about as the real
clients draw it, with all that one can press.

`make looks` runs the service between them; `python -m tests.looks --pictures DIR` takes a picture
of each kind of message. A message is drawn from the JSON that its platform publishes, by pure
functions in `discord` and `telegram`; what a person does goes to the stand-in, which tells the bot.
"""
