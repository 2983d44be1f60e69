<?php
/**
 * @var string $part  stacks, login, factor, keys or data
 * @var Closure $partial
 * @var CrowdSky\Pages\TemplateTexts $t
 */
$parts = [
    'stacks' => $t('Stacks and telescopes'),
    'login' => $t('Signing in'),
    'factor' => $t('Second factor'),
    'keys' => $t('Keys for programs'),
    'data' => $t('Your data'),
];
?>
<h1><?= $t('Account') ?></h1>
<nav class="tabs" aria-label="<?= $t('Parts of the account') ?>">
<?php foreach ($parts as $name => $label) : ?>
    <a href="account.php<?= $name === 'stacks' ? '' : "?section=$name" ?>"<?= $name === $part ? ' aria-current="page"' : '' ?>><?= $label ?></a>
<?php endforeach ?>
</nav>
<?= $partial("account_$part", []) ?>
