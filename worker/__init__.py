"""The CrowdSky worker: takes stacking jobs from a site, stacks them and archives the result."""
