// Lets Go accept functions without a body, which are the imports.
