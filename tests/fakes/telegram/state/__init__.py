"""What there is: chats, messages, files, and the updates that wait for the bot."""
