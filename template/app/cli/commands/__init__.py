"""Commands that are found by their file: each public function of a module here is one. Add your own modules."""
