/** Goes on with a bulk action that takes several requests, so that nobody has to press the button for each. */

const form = document.querySelector("form#bulk[data-goes-on]");
form?.requestSubmit(form.querySelector('button[value="go"]'));
