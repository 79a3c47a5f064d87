"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",

  // Without the standalone preset there is no top bar and no validator badge.
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,

  // Operations are listed closed; the schemas at the foot stay folded.
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  deepLinking: true,
  filter: true,

  // The token is kept in localStorage, so that signing in survives a reload.
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  requestSnippetsEnabled: true,
});
