"""This file is for tools that still need a setup.py; everything is in pyproject.toml."""

from setuptools import setup

setup()
