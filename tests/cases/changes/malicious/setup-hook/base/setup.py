from setuptools import setup

setup(name='weather')
