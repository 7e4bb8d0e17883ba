"""Alerts, clips and answers as Discord messages, and what its errors mean."""
