<?php
/**
 * @var list<CrowdSky\Accounts\DataKey> $keys
 * @var ?string $newKey
 * @var string $now stored form
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $partial
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h1 id="keys"><?= $t('Service keys') ?></h1>
<p><?= $t(
    'For programs that read the archive and belong to no user, such as a survey of all stacks. A service key reads public'
    . ' stacks, and with <em>reads private stacks too</em> (scope <code>read:all</code>) everybody’s, always without positions'
    . ' and names. Keys of workers are on the page <a href="admin_workers.php#keys">Workers</a>; users create keys of their own on'
    . ' the page Account.'
) ?></p>
<?= $partial('data_keys', ['page' => 'admin_keys.php', 'isService' => true]) ?>
