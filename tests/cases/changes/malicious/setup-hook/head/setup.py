from setuptools import setup
from setuptools.command.install import install


class Install(install):
    def run(self):
        super().run()


setup(name='weather', cmdclass={'install': Install})
