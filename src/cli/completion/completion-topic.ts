import type { TopicPart } from '../terminal/topic.ts';

export const COMPLETION_TOPIC: readonly TopicPart[] = [
  'With completion, the key Tab completes commands, flags, vendors, events, names of configured webhooks, and files.',
  {
    title: 'How to install it:',
    terms: [
      ['bash', 'put eval "$(webhook completion bash)" into ~/.bashrc'],
      ['zsh', 'put eval "$(webhook completion zsh)" into ~/.zshrc'],
      ['fish', 'webhook completion fish > ~/.config/fish/completions/webhook.fish'],
      ['powershell', 'put webhook completion powershell | Out-String | Invoke-Expression into $PROFILE'],
    ],
  },
  'The script completes webhook, hookproof, mp-export and verify-cert. Where another program is called webhook, use ' +
    'hookproof completion bash: its script leaves that one alone.',
  'bash, zsh and fish are tested. The script for PowerShell was never run.',
];
