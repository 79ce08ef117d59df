"""What every test may ask for: databases, the application, a client, a browser."""

pytest_plugins = ["tests.kit.databases", "tests.kit.browser", "tests.kit.order"]
