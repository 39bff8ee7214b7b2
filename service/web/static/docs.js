// Show the OpenAPI document of this service.
const place = document.getElementById("docs");
SwaggerUIBundle({ url: place.dataset.document, domNode: place, deepLinking: true, validatorUrl: null });
