"""Quality and speed of the component, beside its peers on the same weights."""
