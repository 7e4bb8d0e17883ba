"""Alerts, clips and answers as Telegram messages, and what its errors mean."""
