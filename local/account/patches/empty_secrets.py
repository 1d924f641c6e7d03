"""A secret that is created without a value has no version until somebody puts one: whoever describes it sees that it is empty."""
from ministack.services import secretsmanager
from place import replaces


@replaces(secretsmanager, "_store_new_secret", ['"Stages": ["AWSCURRENT"],'])
def without_a_version(store):
    def store_new_secret(name, secret_string=None, secret_binary=None, **more):
        stored = store(name, secret_string=secret_string, secret_binary=secret_binary, **more)
        if secret_string is None and secret_binary is None:
            secretsmanager._secrets[name]["Versions"].clear()
        return stored

    return store_new_secret
