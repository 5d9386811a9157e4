import type { AnthropicModelView, ModelView } from '../../contracts/models.ts';

/** Whether who asks speaks Anthropic's API: its clients say a version with everything. */
export function speaksAnthropic(headers: Headers): boolean {
  return headers.has('anthropic-version');
}

/** A model as Anthropic's Models API shows one. Its map of capabilities and its lines are of its own models. */
export function anthropicView(model: ModelView): AnthropicModelView {
  return {
    type: 'model',
    id: model.id,
    display_name: model.name,
    created_at: new Date(model.created * 1_000).toISOString(),
    max_input_tokens: model.context_window,
    max_tokens: model.max_output_tokens,
    lifecycle: model.deprecated ? 'deprecated' : 'active',
    deprecated_at: null,
    capabilities: null,
    line: null,
  };
}
