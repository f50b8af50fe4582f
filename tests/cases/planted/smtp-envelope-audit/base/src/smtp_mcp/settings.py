from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SMTP_")

    host: str
    port: int = 587
    user: str = ""
    password: str = ""
    sender: str
