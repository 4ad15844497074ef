# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The one exception that a user's input causes."""


class QuantizeError(ValueError):
    """Bad input: the message is one line, lower case, and names the file, layer or option."""


def first_line(error):
    """What an exception of another library says, in one line."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
