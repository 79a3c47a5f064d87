"use strict";

SwaggerUIBundle({
  // The older form of the same document: the page shows it in a third of the time.
  url: "/openapi-3.0.json",
  dom_id: "#swagger-ui",

  // Without the standalone preset there is no top bar and no validator badge.
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,

  // Groups start folded: listing all operations at once takes the page more than a minute.
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  deepLinking: true,
  filter: true,

  // The token is kept in localStorage, so that signing in survives a reload.
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  requestSnippetsEnabled: true,
});
