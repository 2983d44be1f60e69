<?php
/**
 * @var Closure $partial
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h2 id="keys"><?= $t('Keys for programs') ?></h2>
<p><?= $t(
    'A program with a key does not know your password, and you can revoke each key alone. A key that <em>reads the archive</em>'
    . ' gets public stacks and your own through the data API and changes nothing. A key that <em>sends and fetches your files</em>'
    . ' is for programs at the telescope: enter it there in place of the password.'
) ?></p>
<?= $partial('data_keys', ['page' => 'account.php', 'isService' => false]) ?>
